package grantlab.hypervisor.domain;

/**
 * What a toolstack learns of a domain (XEN_DOMCTL_getdomaininfo).
 *
 * @param rc 0, or -ESRCH: then the rest means nothing
 * @param dying its destruction began
 * @param shutdown it was crashed
 * @param pages what it owns
 * @param grantVersion the version in force
 * @param grantFrames frames of its table
 */
public record DomainInfo(int rc, boolean dying, boolean shutdown, long pages, int grantVersion, int grantFrames) {}
