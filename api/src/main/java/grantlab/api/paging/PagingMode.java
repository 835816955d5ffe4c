package grantlab.api.paging;

import grantlab.api.memory.PhysicalMap;

/** A way in which grant mappings reach a guest. Asked for TRANSLATED, it says which physical map its domains have. */
public interface PagingMode {
    /**
     * Makes the address space of one domain.
     *
     * @param domid an admitted domain
     * @param physicalMap its map: translated iff the provider declares {@link grantlab.api.Capability#TRANSLATED}
     * @return an empty address space
     */
    AddressSpace open(int domid, PhysicalMap physicalMap);
}
