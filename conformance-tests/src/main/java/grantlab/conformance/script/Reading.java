package grantlab.conformance.script;

import org.jspecify.annotations.Nullable;

/**
 * An operand's text, read from left to right. What it does not understand it leaves: the language has no error in an
 * operand while it runs, a malformed number ends where it stops to be one. {@link Grammar} refuses such operands before
 * anything runs.
 */
final class Reading {
    private final String text;
    private int at;

    Reading(String text) {
        this.text = text;
    }

    boolean atEnd() {
        return at == text.length();
    }

    boolean atDigit() {
        return at < text.length() && isDigit(text.charAt(at));
    }

    /** Passes over a text if it comes next. */
    boolean skip(String expected) {
        if (!text.startsWith(expected, at)) {
            return false;
        }
        at += expected.length();
        return true;
    }

    /** Decimal, or 0x and lower-case hex; a leading minus negates; overflow wraps. No digits: zero. */
    long number() {
        boolean negative = skip("-");
        long value = 0;
        if (skip("0x")) {
            while (!atEnd() && isHexDigit(text.charAt(at))) {
                value = value * 16 + Character.digit(text.charAt(at++), 16);
            }
        } else {
            while (atDigit()) {
                value = value * 10 + text.charAt(at++) - '0';
            }
        }
        return negative ? -value : value;
    }

    /** {@code [dK.]pN} or {@code [dK.]mN}; when it is none, nothing is read and null returned. */
    @Nullable
    Symbol symbol(Context executor, ScriptWorld world) {
        int start = at;
        Symbol symbol = symbolHere(executor, world);
        if (symbol == null) {
            at = start;
        }
        return symbol;
    }

    private @Nullable Symbol symbolHere(Context executor, ScriptWorld world) {
        Context owner = executor;
        if (skip("d")) {
            if (!atDigit()) {
                return null;
            }
            long domain = number();
            if (!skip(".") || Long.compareUnsigned(domain, ScriptWorld.DOMAINS) >= 0) {
                return null;
            }
            owner = world.context((int) domain);
        }
        Symbol.Kind kind = skip("p") ? Symbol.Kind.PAGE : skip("m") ? Symbol.Kind.SLOT : null;
        if (kind == null || !atDigit()) {
            return null;
        }
        long n = number();
        return Long.compareUnsigned(n, Context.PAGES) < 0 ? new Symbol(owner, kind, (int) n) : null;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isHexDigit(char c) {
        return isDigit(c) || (c >= 'a' && c <= 'f');
    }
}
