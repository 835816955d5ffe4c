package grantlab.api;

/** Monotonic nanoseconds. A test drives it by hand; nothing in the machine reads any other clock. */
@FunctionalInterface
public interface Clock {
    /**
     * Now. Any thread.
     *
     * @return nanoseconds since an arbitrary origin, never decreasing
     */
    long nanos();
}
