package grantlab.hypervisor.invariant;

/**
 * The state of a domain for a human reader.
 *
 * @param domid which
 * @param text several lines
 */
public record DomainDump(int domid, String text) {}
