package grantlab.api;

/** The error numbers of hypercall results (xen/include/public/errno.h). Calls answer them negated. */
public final class Errno {
    /** Operation not permitted. */
    public static final int EPERM = 1;

    /** No such entry. */
    public static final int ENOENT = 2;

    /** No such domain. */
    public static final int ESRCH = 3;

    /** No such device or address. */
    public static final int ENXIO = 6;

    /** Try again. */
    public static final int EAGAIN = 11;

    /** No memory. */
    public static final int ENOMEM = 12;

    /** Permission denied. */
    public static final int EACCES = 13;

    /** Guest memory could not be read or written. */
    public static final int EFAULT = 14;

    /** In use. */
    public static final int EBUSY = 16;

    /** Exists already. */
    public static final int EEXIST = 17;

    /** Invalid argument. */
    public static final int EINVAL = 22;

    /** Does not fit. */
    public static final int ERANGE = 34;

    /** No such operation. */
    public static final int ENOSYS = 38;

    /** What was begun and what is there do not fit together. */
    public static final int EILSEQ = 84;

    /** Operation not supported. */
    public static final int EOPNOTSUPP = 95;

    private Errno() {}
}
