package grantlab.virtio.vhost;

/**
 * What was done for a backend so far.
 *
 * @param misses that it sent
 * @param maps of grants, made in the name of its domain
 * @param refusals of the hypervisor: what was asked for is not granted, or was taken back
 * @param unmaps of grants, those that had been taken back included
 * @param forgotten pages that it had to forget because of a change of its domain's map
 */
public record BackendCounts(long misses, long maps, long refusals, long unmaps, long forgotten) {}
