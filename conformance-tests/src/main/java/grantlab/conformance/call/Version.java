package grantlab.conformance.call;

/**
 * What set_version and get_version answer.
 *
 * @param rc the hypercall's result
 * @param version the field after the call
 */
public record Version(long rc, int version) {
    @Override
    public String toString() {
        return Texts.rc(rc) + " v=" + Integer.toUnsignedString(version);
    }
}
