package grantlab.conformance.call;

import grantlab.api.abi.Hypercall;

/**
 * One element of a hypercall's argument array.
 *
 * @param <A> what the guest reads back
 */
public interface Call<A> {
    /** A 16-bit status that the hypervisor never writes: it stands in every status field before the call. */
    int UNWRITTEN = 0x5a5a;

    /**
     * The number of the hypercall.
     *
     * @return one of {@link Hypercall}
     */
    default int hypercall() {
        return Hypercall.GRANT_TABLE_OP;
    }

    /**
     * The operation: the first argument register.
     *
     * @return a number of the hypercall's own
     */
    int operation();

    /**
     * Bytes of the struct: the stride of an array.
     *
     * @return as in the header
     */
    int size();

    /**
     * Writes the struct; its bytes are zero before.
     *
     * @param struct where it goes
     */
    void write(Struct struct);

    /**
     * Reads the answer.
     *
     * @param struct as the hypervisor left it
     * @param rc the hypercall's result
     * @return what the guest knows now
     */
    A read(Struct struct, long rc);

    /**
     * The call in the notation of scripts, for reports.
     *
     * @param names who knows pages and slots
     * @return one line
     */
    String text(Names names);

    /** Turns addresses and domids into the names of scripts. */
    interface Names {
        /**
         * An address.
         *
         * @param address guest address
         * @return {@code p3}, {@code m0+0x10} or hexadecimal
         */
        String address(long address);

        /**
         * A frame.
         *
         * @param frame as the guest numbers it
         * @return {@code p3} or hexadecimal
         */
        String frame(long frame);

        /**
         * A domain.
         *
         * @param domid any number
         * @return {@code d1}, {@code self} or the number
         */
        String domain(int domid);
    }
}
