package grantlab.api.paging;

/**
 * What one vCPU remembers of an address space. A real cache: entries stay until flushed, so that a missing flush has the
 * consequence that it has on a machine. Used by the thread of its vCPU alone, except that {@link AddressSpace#flush}
 * empties it from any thread.
 */
public interface Tlb {
    /** Forgets everything. By the thread of the vCPU, or with the vCPU at rest. */
    void flush();
}
