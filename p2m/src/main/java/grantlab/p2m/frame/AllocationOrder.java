package grantlab.p2m.frame;

/** Which of the free frames that will do an allocation gets. No guest may rely on it. */
public enum AllocationOrder {
    /** The lowest. */
    LOWEST_FIRST,
    /** The one that was given back last; where none is left of those, the lowest. */
    LAST_FREED_FIRST,
    /** The one that was given back longest ago; where none is left of those, the lowest. */
    FIRST_FREED_FIRST,
    /** The next one behind the last allocation: a frame that was given back stays free for as long as there are others. */
    ROTATING
}
