package grantlab.conformance.clause;

import grantlab.api.Errno;
import grantlab.api.abi.Gtf;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.Version;

/** The granter's flat table in both versions, where the format of the combination is another. */
final class FlatVersions {
    private FlatVersions() {}

    /** What holds for a flat table of either version. */
    interface EitherVersion {
        void check(int version);
    }

    static void inEither(World world, EitherVersion clause) {
        for (int version = 1; version <= 2; version++) {
            use(world, version);
            clause.check(version);
        }
    }

    static void use(World world, int version) {
        world.step("the granter's flat table has version " + version);
        Expect.equal(
                "what set_version answers",
                new Version(0, version),
                world.granter().call(new SetVersionCall(version)));
    }

    /** A change of version that is refused, since something is in use. */
    static void expectKept(World world, int wanted) {
        Version answer = world.granter().call(new SetVersionCall(wanted));
        Expect.equal("what set_version answers", new Version(-Errno.EBUSY, 3 - wanted), answer);
    }

    /** The granter's entry: a page for the grantee. */
    static void grant(World world, int version, int ref, int page, int flags) {
        grant(world, version, ref, World.GRANTEE, page, flags);
    }

    /** The granter's entry: a page for somebody. */
    static void grant(World world, int version, int ref, int grantee, int page, int flags) {
        Party granter = world.granter();
        if (version == 1) {
            granter.entry(ref)
                    .set("domid", grantee)
                    .set("frame", granter.pageFrame(page))
                    .set("flags", Gtf.PERMIT_ACCESS | flags);
        } else {
            EntriesV2.page(granter, ref, grantee, page).set("flags", Gtf.PERMIT_ACCESS | flags);
        }
    }

    static void end(World world, int ref) {
        world.granter().entry(ref).set("flags", 0);
    }
}
