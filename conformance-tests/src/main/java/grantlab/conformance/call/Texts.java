package grantlab.conformance.call;

import grantlab.api.guest.Vcpu;

/** How answers are printed: in the notation of result files, with the names of statuses beside their numbers. */
final class Texts {
    private Texts() {}

    static String rc(long rc) {
        return rc == Vcpu.CRASHED ? "rc=stopped" : "rc=" + rc;
    }

    static String status(int status) {
        return "status=" + (status == Call.UNWRITTEN ? "-" : String.valueOf(status));
    }

    static String hex(int value) {
        return "0x" + Integer.toHexString(value);
    }

    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
