package grantlab.conformance.call;

import grantlab.api.abi.Hypercall;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import java.util.ArrayList;
import java.util.List;

/**
 * How one CPU calls grants v3: a page for structs, a page for arrays. Structs lie at the beginning of their page unless
 * somebody says otherwise. One thread at a time.
 */
public final class V3Gate {
    private final Vcpu vcpu;
    private final Area structs;
    private final Area arrays;

    /**
     * A page of a guest by both of its names.
     *
     * @param address where the guest reaches it
     * @param frame as the guest numbers it: gfn, or mfn of a PV guest
     */
    public record Area(long address, long frame) {}

    /**
     * Over two pages of the guest's.
     *
     * @param vcpu who calls
     * @param structs for the struct of a call
     * @param arrays for elements
     */
    public V3Gate(Vcpu vcpu, Area structs, Area arrays) {
        this.vcpu = vcpu;
        this.structs = structs;
        this.arrays = arrays;
    }

    /**
     * Makes a call; an element is alone in its array.
     *
     * @param call what
     * @return what the guest reads back
     */
    public V3Answer call(V3Call call) {
        if (call.form().element()) {
            return batch(List.of(call)).elements().getFirst();
        }
        return call(call.form().operation(), call);
    }

    /** With an operation that need not be the struct's own. */
    private V3Answer call(int operation, V3Call struct) {
        write(struct, 0);
        return read(struct.form(), 0, enter(operation, Page.address(structs.frame()), 1));
    }

    /**
     * Makes one call with several elements.
     *
     * @param elements of one form; they fit a page
     * @return what the guest reads back
     */
    public V3Batched batch(List<V3Call> elements) {
        V3Form form = elements.getFirst().form();
        for (int n = 0; n < elements.size(); n++) {
            writeElement(elements.get(n), n * form.size());
        }
        V3Answer batch = call(form.operation(), V3Call.batch(form, arrays.frame(), 0, elements.size()));
        List<V3Answer> answers = new ArrayList<>();
        for (int n = 0; n < elements.size(); n++) {
            answers.add(readElement(form, n * form.size(), batch.rc()));
        }
        return new V3Batched(batch, answers);
    }

    // ---- step by step, for calls that nobody should make

    /**
     * The page for structs.
     *
     * @return both of its names
     */
    public Area structs() {
        return structs;
    }

    /**
     * The page for arrays.
     *
     * @return both of its names
     */
    public Area arrays() {
        return arrays;
    }

    /**
     * Writes a struct and calls nobody.
     *
     * @param struct what
     * @param offset in the page of structs; it ends there
     */
    public void write(V3Call struct, int offset) {
        store(structs.address() + offset, struct.bytes());
    }

    /**
     * Writes an element and calls nobody.
     *
     * @param element what
     * @param offset in the page of arrays; it ends there
     */
    public void writeElement(V3Call element, int offset) {
        store(arrays.address() + offset, element.bytes());
    }

    /**
     * Enters the hypervisor with what was written.
     *
     * @param operation any number
     * @param address guest-physical, of the struct
     * @param count 1, if all is well
     * @return the hypercall's result
     */
    public long enter(long operation, long address, long count) {
        return vcpu.hypercall(Hypercall.GRANT_TABLE_OP, operation, address, count);
    }

    /**
     * Reads a struct.
     *
     * @param form which
     * @param offset in the page of structs
     * @param rc of the call that was made with it
     * @return as it is now
     */
    public V3Answer read(V3Form form, int offset, long rc) {
        return new V3Answer(rc, V3Call.of(form, load(structs.address() + offset, form.size())));
    }

    /**
     * Reads an element.
     *
     * @param form which
     * @param offset in the page of arrays
     * @param rc of the call that was made with it
     * @return as it is now
     */
    public V3Answer readElement(V3Form form, int offset, long rc) {
        return new V3Answer(rc, V3Call.of(form, load(arrays.address() + offset, form.size())));
    }

    private void store(long address, byte[] bytes) {
        for (int n = 0; n < bytes.length; n += Long.BYTES) {
            long word = 0;
            for (int b = 0; b < Long.BYTES; b++) {
                word |= (bytes[n + b] & 0xffL) << (b * Byte.SIZE);
            }
            own(vcpu.store(address + n, Long.BYTES, word), address);
        }
    }

    private byte[] load(long address, int size) {
        byte[] bytes = new byte[size];
        for (int n = 0; n < size; n += Long.BYTES) {
            own(vcpu.load(address + n, Long.BYTES), address);
            for (int b = 0; b < Long.BYTES; b++) {
                bytes[n + b] = (byte) (vcpu.value() >>> (b * Byte.SIZE));
            }
        }
        return bytes;
    }

    private static void own(int fault, long address) {
        if (fault != 0) {
            throw new IllegalStateException(
                    "fault " + fault + " at the argument 0x" + Long.toHexString(address) + " of the guest's own");
        }
    }
}
