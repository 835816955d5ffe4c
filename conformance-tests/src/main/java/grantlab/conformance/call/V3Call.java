package grantlab.conformance.call;

import grantlab.api.abi.V3Batch;
import grantlab.api.abi.V3Head;
import java.util.Arrays;
import java.util.Optional;

/**
 * A struct of grants v3 as a guest fills it in, or as the hypervisor left it. It never changes; {@link #with} makes another.
 * Fields are named by their offset, a constant of {@code grantlab.api.abi}, or by name. To begin with all is zero but the head,
 * which is right, and the status, which nobody wrote.
 *
 * <pre>
 *   V3Call map = V3Call.of(V3Form.MAP)
 *           .with(V3Map.PEER, World.GRANTER)
 *           .with(V3Map.REF, ref)
 *           .with(V3Map.DEST, gfn)
 *           .with(V3Map.FLAGS, V3Map.HOST)
 *           .with(V3Map.COUNT, 1);
 *   V3Answer mapped = grantee.call(map);
 *   Expect.okay(mapped);
 *   long handle = mapped.get(V3Map.HANDLE);
 * </pre>
 */
public final class V3Call {
    private final V3Form form;

    /** Little endian, whatever this machine is. */
    private final byte[] bytes;

    private V3Call(V3Form form, byte[] bytes) {
        this.form = form;
        this.bytes = bytes;
    }

    /**
     * A struct with nothing but its head.
     *
     * @param form which
     * @return to be filled
     */
    public static V3Call of(V3Form form) {
        V3Call call = new V3Call(form, new byte[form.size()]);
        if (!form.element()) {
            call = call.with(V3Head.STRUCT_SIZE, form.size()).with(V3Head.VERSION, V3Head.THREE);
        }
        Optional<V3Field> status = form.status();
        return status.isPresent() ? call.with(status.get(), Call.UNWRITTEN) : call;
    }

    /**
     * The struct of an array.
     *
     * @param element what stands in it
     * @param frame in which it lies, as the guest numbers it
     * @param offset in the frame
     * @param count elements
     * @return to be called with the elements' operation
     */
    public static V3Call batch(V3Form element, long frame, long offset, long count) {
        return of(V3Form.BATCH)
                .with(V3Batch.FIRST_GFN, frame)
                .with(V3Batch.OFFSET, offset)
                .with(V3Batch.COUNT, count)
                .with(V3Batch.ELEMENT_SIZE, element.size());
    }

    /** As it lies in memory. */
    static V3Call of(V3Form form, byte[] bytes) {
        return new V3Call(form, bytes.clone());
    }

    /**
     * Which struct it is.
     *
     * @return its form
     */
    public V3Form form() {
        return form;
    }

    /**
     * With another value in a field.
     *
     * @param offset of the field
     * @param value its low bytes; of a reserved range of more than 8 bytes the first 8
     * @return the changed struct
     */
    public V3Call with(int offset, long value) {
        return with(form.at(offset), value);
    }

    /**
     * With another value in a field.
     *
     * @param field of this form
     * @param value its low bytes; of a reserved range of more than 8 bytes the first 8
     * @return the changed struct
     */
    public V3Call with(V3Field field, long value) {
        byte[] changed = bytes.clone();
        for (int n = 0; n < width(field); n++) {
            changed[field.offset() + n] = (byte) (value >>> (n * Byte.SIZE));
        }
        return new V3Call(form, changed);
    }

    /**
     * With flags beside those that are there: of the head, or of an element.
     *
     * @param flags a mask
     * @return the changed struct
     */
    public V3Call and(long flags) {
        V3Field field =
                form.field("flags").orElseThrow(() -> new IllegalArgumentException(form.verb() + " has no flags"));
        return with(field, get(field) | flags);
    }

    /**
     * What is in a field.
     *
     * @param offset of the field
     * @return zero extended
     */
    public long get(int offset) {
        return get(form.at(offset));
    }

    /**
     * What is in a field.
     *
     * @param field of this form
     * @return zero extended; of a reserved range of more than 8 bytes the first 8
     */
    public long get(V3Field field) {
        long value = 0;
        for (int n = 0; n < width(field); n++) {
            value |= (bytes[field.offset() + n] & 0xffL) << (n * Byte.SIZE);
        }
        return value;
    }

    private static int width(V3Field field) {
        return Math.min(field.bytes(), Long.BYTES);
    }

    /**
     * What is in the status.
     *
     * @return {@link Call#UNWRITTEN} as long as the hypervisor wrote none; 0 where there is no status
     */
    public int status() {
        return form.status().map(field -> (int) get(field)).orElse(0);
    }

    byte[] bytes() {
        return bytes.clone();
    }

    /**
     * What is said in it, for reports.
     *
     * @return the operation, and the fields that the guest fills where they are not zero
     */
    public String text() {
        return form.verb() + said(this, true);
    }

    /** Fields that are not zero and belong to one side. */
    static String said(V3Call call, boolean asked) {
        StringBuilder text = new StringBuilder();
        for (V3Field field : call.form.fields()) {
            boolean head = !call.form.element() && field.offset() < V3Head.FLAGS;
            boolean belongs =
                    asked ? field.direction().asks() : field.direction().answers();
            if (belongs && !head && call.get(field) != 0 && !field.name().equals("status")) {
                text.append(' ').append(field.name()).append('=').append(Texts.hex(call.get(field)));
            }
        }
        return text.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof V3Call that && form == that.form && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * form.hashCode() + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(form.verb());
        for (V3Field field : form.fields()) {
            if (get(field) != 0) {
                text.append(' ').append(field.name()).append('=').append(Texts.hex(get(field)));
            }
        }
        return text.toString();
    }
}
