package grantlab.conformance;

/**
 * What a domain looked like when a promise broke.
 *
 * @param role granter, grantee, ...
 * @param domid of it
 * @param text for people: table, pins, handles, maps, references
 */
public record DomainState(String role, int domid, String text) {}
