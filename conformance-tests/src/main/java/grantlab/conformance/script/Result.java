package grantlab.conformance.script;

import grantlab.api.guest.Vcpu;

/** A result line under construction: line number, verb, and then what the verb has to tell. */
final class Result {
    /** What a status field holds before the call: no status of Xen. */
    static final short UNSET_STATUS = 0x7777;

    private final StringBuilder text = new StringBuilder();

    Result(int line, String verb) {
        text.append(line).append(' ').append(verb);
    }

    /** A word after a blank. */
    Result word(String word) {
        text.append(' ').append(word);
        return this;
    }

    /** Text without a blank before it. */
    Result append(String more) {
        text.append(more);
        return this;
    }

    Result decimal(String key, long value) {
        text.append(' ').append(key).append('=').append(value);
        return this;
    }

    Result unsigned(String key, long value) {
        text.append(' ').append(key).append('=').append(Long.toUnsignedString(value));
        return this;
    }

    Result hex(String key, long value) {
        text.append(' ').append(key).append('=').append(Long.toHexString(value));
        return this;
    }

    /** The result register of a hypercall. */
    Result rc(long rc) {
        return rc == Vcpu.CRASHED ? word("rc=stopped") : decimal("rc", rc);
    }

    /** A 16-bit status field; {@code -} when the call did not write it. */
    Result status(short status) {
        return status == UNSET_STATUS ? word("status=-") : decimal("status", status);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
