package grantlab.benchmark;

import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestVcpu;
import org.jspecify.annotations.Nullable;

/** One vCPU that maps and unmaps, or two at the same time: what the benchmarks of map and unmap repeat. */
final class Mapping implements AutoCloseable {
    /** Pairs in a repetition, by each vCPU. */
    static final int PAIRS = 1 << 10;

    /** Pages and references of the two are some apart: of neighbours, two share a cache line. */
    static final int PAGES_EACH = 24;

    private static final int PAGES_APART = 32;
    private static final int REFERENCES_APART = Mapper.REFERENCES + 8;

    private final Laboratory laboratory;
    private final Mapper own;
    private final @Nullable Partner partner;

    private Mapping(Laboratory laboratory, Mapper own, @Nullable Mapper other) {
        this.laboratory = laboratory;
        this.own = own;
        this.partner = other == null ? null : new Partner(() -> other.run(PAIRS));
    }

    /** Each vCPU belongs to a domain of its own, with references and pages of its own. */
    static Mapping ofDifferentReferences(String paging, int threads, int batch) {
        Rehearsal.allPagings();
        Laboratory laboratory = new Laboratory(Laboratory.V1, paging, paging);
        Mapper own = mapperOfGrantee(laboratory, 0, batch);
        return new Mapping(laboratory, own, threads == 1 ? null : mapperOfGrantee(laboratory, 1, batch));
    }

    private static Mapper mapperOfGrantee(Laboratory laboratory, int number, int batch) {
        Guest grantee = laboratory.grantee(number, 1);
        int first = Laboratory.FIRST_REFERENCE + number * REFERENCES_APART;
        laboratory.grant(first, Mapper.REFERENCES, number * PAGES_APART, PAGES_EACH, grantee);
        return new Mapper(laboratory, grantee, grantee.vcpu(), first, Mapper.REFERENCES, Mapper.REFERENCES, batch);
    }

    /** The vCPUs belong to one domain: a reference serves one grantee at a time. */
    static Mapping ofOneReference(String paging, int threads) {
        Rehearsal.allPagings();
        Laboratory laboratory = new Laboratory(Laboratory.V1, paging, paging);
        Guest grantee = laboratory.grantee(0, threads);
        laboratory.grant(Laboratory.FIRST_REFERENCE, 1, 0, 1, grantee);
        Mapper own = mapperOfVcpu(laboratory, grantee, grantee.vcpu());
        if (threads == 1) {
            return new Mapping(laboratory, own, null);
        }
        GuestVcpu second = laboratory.machine().vcpu(grantee.domain(), 1);
        return new Mapping(laboratory, own, mapperOfVcpu(laboratory, grantee, second));
    }

    private static Mapper mapperOfVcpu(Laboratory laboratory, Guest grantee, GuestVcpu vcpu) {
        return new Mapper(laboratory, grantee, vcpu, Laboratory.FIRST_REFERENCE, 1, Mapper.REFERENCES / 2, 1);
    }

    /** One repetition. */
    void run() {
        if (partner == null) {
            own.run(PAIRS);
        } else {
            partner.together(() -> own.run(PAIRS));
        }
    }

    /** Ends the other thread and audits the machine. */
    @Override
    public void close() {
        if (partner != null) {
            partner.close();
        }
        laboratory.close();
    }
}
