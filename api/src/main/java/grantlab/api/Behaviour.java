package grantlab.api;

/**
 * What differs between releases of Xen, one named rule each; never a version number. A release is a constant of this
 * record, chosen by {@code xen-release} in the configuration. Each rule is asked for in exactly one place.
 *
 * @param copyOfNothingIsChecked GNTTABOP_copy with {@code len == 0} gets every check (4.17); else status 0 at once (4.19,
 *     commit a4a790f432)
 * @param copyJudgesFramesByElement that GNTTABOP_copy by frame number is for DOMID_SELF alone is judged for each element,
 *     when that side is acquired (4.17.7, after XSA-523); else only where the pair of domids differs from the element
 *     before, ahead of the lookup of that side, and a page that is held through reference n also serves as frame n
 *     (4.20.3, which has the defect)
 * @param readonlyGrantIsCleanedToo GNTTABOP_cache_flush with INVAL alone is 0 for a frame that the caller
 *     has through a read-only grant alone: Xen then cleans as well (4.17.7, after XSA-519)
 * @param createdomainLimitsAreBounded table limits above the command line's are refused at domain creation
 * @param ownGrantMappingMayBeGrantedOn a gfn of an HVM domain that holds a mapping of the domain's own grant may be
 *     granted and copied from
 */
public record Behaviour(
        boolean copyOfNothingIsChecked,
        boolean copyJudgesFramesByElement,
        boolean readonlyGrantIsCleanedToo,
        boolean createdomainLimitsAreBounded,
        boolean ownGrantMappingMayBeGrantedOn) {
    /** Xen 4.17, as recorded from 4.17.7. */
    public static final Behaviour XEN_4_17 = new Behaviour(true, true, true, true, true);

    /** Xen 4.20, as recorded from 4.20.3. */
    public static final Behaviour XEN_4_20 = new Behaviour(false, false, false, false, false);
}
