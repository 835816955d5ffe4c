package grantlab.conformance.script;

import java.util.regex.Pattern;

/** What a key of a verb takes, so that a malformed value is refused before anything runs. */
enum Operand {
    /** A number. */
    NUMBER("a number (decimal or 0x lower-case hex)", Form.NUMBER),
    /** 0 or 1. */
    SWITCH("0 or 1", "[01]"),
    /** An address in a domain, or of the machine. */
    ADDRESS(
            "an address (pN, mN, dK.pN, pte:mN, ma:pN or a number, N below 64, each with +OFFSET)",
            "(pte:" + Form.SLOT + "|(ma:)?(" + Form.PAGE + "|" + Form.SLOT + ")|" + Form.NUMBER + ")(\\+" + Form.NUMBER
                    + ")?"),
    /** A frame number, or a reference where a flag says so. */
    FRAME(
            "a frame (pN, dK.pN, mN, none or a number, N below 64)",
            Form.PAGE + "|" + Form.SLOT + "|none|" + Form.NUMBER),
    /** A number that a variable may hold: a reference of a tree. */
    VALUE(
            "a number (decimal or 0x lower-case hex), or a variable and more (v0..v255, v3+5)",
            Form.NUMBER + "|" + Form.VARIABLE + "(\\+" + Form.NUMBER + ")?"),
    /** A number, or names of bits or of a value. */
    NAMED("a number, or names joined by |", Form.NUMBER + "|[A-Z][A-Z0-9_]*(\\|[A-Z][A-Z0-9_]*)*"),
    /** Where something is mapped. */
    PLACE(
            "a frame (pN, dK.pN, mN, none or a number), or the address of an entry (pte:mN), with +OFFSET",
            Form.PAGE + "|" + Form.SLOT + "|none|" + Form.NUMBER + "|(pte:" + Form.SLOT + "|ma:(" + Form.PAGE + "|"
                    + Form.SLOT + "))(\\+" + Form.NUMBER + ")?"),
    /** A domid. */
    DOMAIN("a domain (dK, self, io, xen, cow, invalid, idle or a number)", Form.DOMID),
    /** A domain of the script. */
    TABLE("a domain of the script (d0..d5)", "d?[0-5]"),
    /** A domain that a script may create. */
    CREATED("a domain that a script may create (d1..d5)", "d?[1-5]"),
    /** A maptrack handle. */
    HANDLE("a handle (v0..v255, #N or a number)", Form.VARIABLE + "|#[0-9]+|" + Form.NUMBER),
    /** Where a handle is kept. */
    VARIABLE("a variable (v0..v255)", Form.VARIABLE),
    /** A kind of domain. */
    DOMAIN_TYPE("pv or pvh", "pv|pvh|hvm"),
    /** Blocks of 2 MiB. */
    BLOCKS("0..4", "[0-4]"),
    /** An operation of memory_op. */
    MEMORY_OPERATION("decrease, populate, remove or add", "decrease|populate|remove|add"),
    /** How many devices a domain owns. */
    DEVICES("0..256", "0*([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-6])"),
    /** One of them. */
    DEVICE("0..255", "0*([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])"),
    /** How many bytes a device moves. */
    DMA_LENGTH("0..8", "[0-8]"),
    /** How many lines a batch has. */
    BATCH_SIZE("1..96", "[1-9]|[1-8][0-9]|9[0-6]");

    private final String expected;
    private final Pattern form;

    Operand(String expected, String form) {
        this.expected = expected;
        this.form = Pattern.compile(form);
    }

    /** Whether a value has the right form. */
    boolean accepts(String value) {
        return form.matcher(value).matches();
    }

    /** What would have been right. */
    String expected() {
        return expected;
    }

    /** The pieces of which the forms are made. */
    private static final class Form {
        private static final String NUMBER = "-?(0x0*[0-9a-f]{1,16}|0*[0-9]{1,20})";
        private static final String INDEX = "0*([0-9]|[1-5][0-9]|6[0-3])";
        private static final String PAGE = "(d[0-5]\\.)?p" + INDEX;
        private static final String SLOT = "(d[0-5]\\.)?m" + INDEX;
        private static final String VARIABLE = "v0*([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])";
        private static final String DOMID = "d[0-9]{1,5}|self|io|xen|cow|invalid|idle|" + NUMBER;
    }
}
