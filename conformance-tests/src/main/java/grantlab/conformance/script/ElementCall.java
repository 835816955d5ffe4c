package grantlab.conformance.script;

/** One hypercall whose elements are lines of the same verb and domain. */
interface ElementCall {
    /**
     * Writes the array of arguments and makes the call.
     *
     * @param count of elements as the hypercall is told
     * @return the result register
     */
    long enter(long count);

    /** Has each element print what the call wrote. */
    void tell();
}
