package grantlab.hypervisor.domain;

import grantlab.api.abi.Domid;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All domains by number, dying ones included. Looking one up takes no lock and allocates nothing. */
@MachineScoped
public final class Domains {
    private final AtomicReferenceArray<@Nullable Domain> byId = new AtomicReferenceArray<>(Domid.FIRST_RESERVED);

    /** The same by number once more, without the gaps; replaced whole. */
    private volatile List<Domain> known = List.of();

    /** No domain. */
    @Inject
    public Domains() {}

    /**
     * An ordinary lookup: DOMID_SELF and the system's ids are never found.
     *
     * @param domid any number
     * @return the domain, or null
     */
    public @Nullable Domain find(int domid) {
        return domid >= 0 && domid < Domid.FIRST_RESERVED ? byId.get(domid) : null;
    }

    /**
     * A lookup where DOMID_SELF means the caller.
     *
     * @param domid any number
     * @param caller who asks
     * @return the domain, or null
     */
    public @Nullable Domain findAny(int domid, Domain caller) {
        return domid == Domid.SELF ? caller : find(domid);
    }

    /**
     * A new domain becomes known.
     *
     * @param domain with a free number
     * @return false: the number is taken
     */
    public synchronized boolean add(Domain domain) {
        if (!byId.compareAndSet(domain.domid(), null, domain)) {
            return false;
        }
        known = Stream.concat(known.stream(), Stream.of(domain))
                .sorted(Comparator.comparingInt(Domain::domid))
                .toList();
        return true;
    }

    /**
     * A dead domain is forgotten.
     *
     * @param domain to forget
     * @return whether it was known
     */
    public synchronized boolean remove(Domain domain) {
        if (!byId.compareAndSet(domain.domid(), domain, null)) {
            return false;
        }
        known = known.stream().filter(other -> other != domain).toList();
        return true;
    }

    /**
     * All domains, by number.
     *
     * @return a snapshot
     */
    public List<Domain> all() {
        return known;
    }
}
