package grantlab.conformance.clause;

import grantlab.api.abi.Domctl;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabDomctl;
import grantlab.api.abi.GnttabPolicy;
import grantlab.api.abi.GnttabQuota;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.VdomidBind;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;

/** The toolstack's calls of grants v3: domctls, made by whom a clause wants; in earnest by the control domain. */
final class Toolstack {
    /** Nobody: unbinds. */
    static final int NOBODY = Domid.INVALID;

    private static final int WORD = Long.BYTES;

    private final Party party;

    /** Made by a domain that is not the control domain: to be refused. */
    Toolstack(Party party) {
        this.party = party;
    }

    static Toolstack of(World world) {
        return new Toolstack(world.control());
    }

    /** Binds a virtual domid of a domain, and that must work. @return the epoch */
    int bind(int owner, int virtual, int real, int flags) {
        Expect.rc(0, tryBind(owner, virtual, real, flags));
        return epoch();
    }

    /** Binds a virtual domid of a domain. @return zero or a negated errno */
    long tryBind(int owner, int virtual, int real, int flags) {
        return call(
                GnttabDomctl.VDOMID_BIND,
                halves(owner, virtual, real, flags),
                VdomidBind.EPOCH,
                0,
                VdomidBind.ZERO_16,
                0);
    }

    /** The epoch that the last bind told. */
    int epoch() {
        return (int) party.load(payload() + VdomidBind.EPOCH);
    }

    /** Sets the quota of a domain, and that must work. */
    void quota(int domid, int trees, long share, long pages) {
        Expect.rc(0, tryQuota(domid, trees, share, pages));
    }

    long tryQuota(int domid, int trees, long share, long pages) {
        long first = halves(domid, trees, 0, 0) | share << Integer.SIZE;
        return call(GnttabDomctl.GNT_QUOTA, first, GnttabQuota.PAGES, pages);
    }

    long tryPolicy(int domid, int reserved, long fates) {
        long first = halves(domid, reserved, 0, 0) | fates << Integer.SIZE;
        return call(GnttabDomctl.GNT_POLICY, first, GnttabPolicy.ZERO_8, 0);
    }

    /** Four fields of 2 bytes. */
    static long halves(long first, long second, long third, long fourth) {
        return first | second << 16 | third << 32 | fourth << 48;
    }

    /** A call whose struct is given word by word: the first, then offset and word, offset and word. */
    long call(long command, long first, long... words) {
        for (int at = 0; at < Domctl.SIZE; at += WORD) {
            party.store(party.arguments() + at, 0);
        }
        party.store(party.arguments() + Domctl.CMD, command);
        party.store(payload(), first);
        for (int n = 0; n < words.length; n += 2) {
            party.store(payload() + words[n], words[n + 1]);
        }
        return party.hypercall(Hypercall.DOMCTL, party.arguments(), 0, 0);
    }

    /** A call whose struct lies at an address; nothing is stored there. */
    long callAt(long address) {
        return party.hypercall(Hypercall.DOMCTL, address, 0, 0);
    }

    private long payload() {
        return party.arguments() + Domctl.PAYLOAD;
    }
}
