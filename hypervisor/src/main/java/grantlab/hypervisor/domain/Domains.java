package grantlab.hypervisor.domain;

import grantlab.api.abi.Domid;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** All domains by number, dying ones included. Looking one up takes no lock and allocates nothing. */
@Singleton
public final class Domains {
    private final AtomicReferenceArray<@Nullable Domain> byId = new AtomicReferenceArray<>(Domid.FIRST_RESERVED);

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
    public boolean add(Domain domain) {
        return byId.compareAndSet(domain.domid(), null, domain);
    }

    /**
     * A dead domain is forgotten.
     *
     * @param domain to forget
     * @return whether it was known
     */
    public boolean remove(Domain domain) {
        return byId.compareAndSet(domain.domid(), domain, null);
    }

    /**
     * All domains, by number.
     *
     * @return a snapshot
     */
    public List<Domain> all() {
        return IntStream.range(0, byId.length())
                .mapToObj(byId::get)
                .filter(Objects::nonNull)
                .map(Domain.class::cast)
                .toList();
    }
}
