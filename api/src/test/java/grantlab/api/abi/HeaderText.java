package grantlab.api.abi;

import grantlab.api.abi.Struct.Constant;
import grantlab.api.abi.Struct.Field;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The C header of grants v3, line by line, from the structs that the classes declare. */
final class HeaderText {
    private static final long LARGEST_DECIMAL = 9999;

    private final List<String> lines = new ArrayList<>();

    /** The head of the file. */
    HeaderText() {
        add("/*");
        add(" * Grants v3: what guests and the hypervisor exchange. docs/grant-v3.md is the specification.");
        add(" * Generated from grantlab.api.abi; C99, little endian.");
        add(" */");
        add("#ifndef GRANT_TABLE_V3_H");
        add("#define GRANT_TABLE_V3_H");
        add("");
        add("#include <stdint.h>");
        add("");
    }

    /** Numbers by name. */
    void numbers(String title, String prefix, Map<String, Long> numbers) {
        add("/* " + title + " */");
        numbers.entrySet().stream()
                .sorted(Comparator.comparingLong(number -> Math.abs(number.getValue())))
                .forEach(number -> define(prefix + number.getKey(), signed(number.getValue())));
        add("");
    }

    /** The constants of one word. */
    void word(String title, String prefix, List<Constant> constants) {
        add("/* " + title + " */");
        constants.forEach(constant -> define(prefix + constant.name(), text(constant)));
        add("");
    }

    /** One struct with its constants. */
    void struct(Struct struct) {
        add("struct " + struct.tag() + " {");
        struct.fields().forEach(field -> add("    " + declaration(field) + ";"));
        add("};");
        String prefix = struct.tag().toUpperCase(Locale.ROOT) + "_";
        struct.constants().forEach(constant -> define(prefix + constant.name(), text(constant)));
        add("");
    }

    /** All of it. */
    List<String> finish() {
        add("#endif /* GRANT_TABLE_V3_H */");
        return lines;
    }

    private void define(String name, String value) {
        add("#define " + name + " " + value);
    }

    private void add(String line) {
        lines.add(line);
    }

    private static String declaration(Field field) {
        if (field.name().equals("head")) {
            return "struct gnttab_v3_head head";
        }
        if (field.name().equals("status")) {
            return "int32_t status";
        }
        return switch (field.size()) {
            case 1, 2, 4, 8 -> "uint" + field.size() * Byte.SIZE + "_t " + field.name();
            default -> array(field);
        };
    }

    private static String array(Field field) {
        boolean words = field.size() % Long.BYTES == 0 && field.offset() % Long.BYTES == 0;
        return words
                ? "uint64_t " + field.name() + "[" + field.size() / Long.BYTES + "]"
                : "uint8_t " + field.name() + "[" + field.size() + "]";
    }

    private static String text(Constant constant) {
        boolean decimal = !constant.kind().contains("flag")
                && !constant.kind().equals("bits")
                && constant.value() >= 0
                && constant.value() <= LARGEST_DECIMAL;
        if (decimal) {
            return constant.value() + "u";
        }
        String digits = "0x" + Long.toHexString(constant.value());
        return constant.value() >>> Integer.SIZE == 0 ? digits + "u" : "UINT64_C(" + digits + ")";
    }

    private static String signed(long value) {
        if (value < 0) {
            return "(" + value + ")";
        }
        return value <= LARGEST_DECIMAL ? Long.toString(value) : "0x" + Long.toHexString(value);
    }
}
