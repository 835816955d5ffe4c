package grantlab.api.abi;

import java.util.List;
import java.util.Locale;

/**
 * One struct of grants v3, as a class of this package has it or as a table of the document has it.
 *
 * @param name of the class
 * @param size bytes
 * @param fields by offset
 * @param constants as they are declared
 */
record Struct(String name, int size, List<Field> fields, List<Constant> constants) {
    /**
     * A run of bytes.
     *
     * @param name in lower case, as in C
     * @param offset from the start of the struct
     * @param size bytes
     * @param direction in, out, in/out or zero
     */
    record Field(String name, int offset, int size, String direction) {}

    /**
     * A number that has a meaning.
     *
     * @param name in upper case
     * @param value of at most 64 bits
     * @param kind flag, value, bits and the like
     */
    record Constant(String name, long value, String kind) {}

    /** The name of the struct in C. */
    String tag() {
        String plain = name.replaceFirst("^(V3|Gnttab)", "");
        return "gnttab_v3_" + plain.replaceAll("(?<=.)(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }
}
