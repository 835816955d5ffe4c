package grantlab.api;

/**
 * What differs between releases of Xen, one named rule each; never a version number. A release is a constant of this
 * record, chosen by {@code xen-release} in the configuration. Each rule is asked for in exactly one place.
 *
 * @param copyOfNothingIsChecked GNTTABOP_copy with {@code len == 0} gets every check (4.17); else status 0 at once (4.19,
 *     commit a4a790f432)
 * @param copyByForeignFrameLooksUpDomain a copy by frame number with a domid other than DOMID_SELF looks the domain up
 *     first, and the source's side entirely before the destination's (the 4.17 binary); else it is -8 before anything
 *     is touched
 * @param readonlyGrantIsCleanedToo GNTTABOP_cache_flush with INVAL alone is 0 for a frame that the caller
 *     has through a read-only grant alone: Xen then cleans as well (4.17.7, after XSA-519)
 * @param createdomainLimitsAreBounded table limits above the command line's are refused at domain creation
 * @param ownGrantMappingMayBeGrantedOn a gfn of an HVM domain that holds a mapping of the domain's own grant may be
 *     granted and copied from
 */
public record Behaviour(
        boolean copyOfNothingIsChecked,
        boolean copyByForeignFrameLooksUpDomain,
        boolean readonlyGrantIsCleanedToo,
        boolean createdomainLimitsAreBounded,
        boolean ownGrantMappingMayBeGrantedOn) {
    /** Xen 4.17, as recorded from 4.17.7. */
    public static final Behaviour XEN_4_17 = new Behaviour(true, true, true, true, true);
}
