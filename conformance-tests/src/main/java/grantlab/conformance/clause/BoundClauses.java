package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.abi.V3SetAccess;
import grantlab.api.abi.V3Sync;
import grantlab.api.abi.V3TreeCreate;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.hypervisor.guest.EventRing;

/** Both sides of bounds of grants v3 that no other clause comes so near to. */
@Needs(format = "layout-tree")
public final class BoundClauses implements ClauseFamily {
    private static final long MOST_PAGES = 1 << 18;
    private static final int MOST_RING_PAGES = 16;
    private static final int MOST_RESERVE_PAGES = 512;
    private static final int PORT = 7;
    private static final int MOST_FATE = 255;
    private static final int LEVELS = 2;

    /** For ServiceLoader. */
    public BoundClauses() {}

    @Override
    public String prefix() {
        return "BOUND";
    }

    @Override
    public String title() {
        return "Both sides of bounds";
    }

    /** Of which everything may be taken back. */
    private static RawTree tree(World world) {
        return RawTree.of(world.granter(), RawTree.creation(world, LEVELS).and(V3TreeCreate.REVOCABLE_ONLY));
    }

    /** A request about a range; how it names what was done before. */
    private interface Request {
        V3Call of(RawTree tree, long first, long count, long done);
    }

    private static void expectRange(World world, Request request) {
        RawTree tree = tree(world);
        Party granter = world.granter();
        long limit = RawTree.span(LEVELS);
        Expect.okay(granter.call(request.of(tree, 0, MOST_PAGES, 0)));
        Expect.status(Status.BAD_SIZE, granter.call(request.of(tree, 0, MOST_PAGES + 1, 0)));
        Expect.status(Status.BAD_SIZE, granter.call(request.of(tree, 0, 0, 0)));
        Expect.okay(granter.call(request.of(tree, limit - 1, 1, 0)));
        Expect.status(Status.BAD_GNTREF, granter.call(request.of(tree, limit, 1, 0)));
        Expect.status(Status.BAD_GNTREF, granter.call(request.of(tree, limit - 1, 2, 0)));
        Expect.status(Status.BAD_GNTREF, granter.call(request.of(tree, -1, 1, 0)));
        Expect.okay(granter.call(request.of(tree, 5, 3, 2)));
        Expect.okay(granter.call(request.of(tree, 5, 3, 3)));
        Expect.status(Status.INVAL, granter.call(request.of(tree, 5, 3, 4)));
        Expect.status(Status.INVAL, granter.call(request.of(tree, 5, 3, -1)));
    }

    @Clause(
            id = "BOUND-01",
            promise =
                    "A downgrade is of 1 to 2^18 pages below the limit, of which not more than all are done already: the last of each is"
                            + " taken, the first beyond refused.",
            source = "grant-v3.md, DOWN-3, DOWN-7")
    void downgrades(World world) {
        expectRange(
                world,
                (tree, first, count, done) ->
                        DownForms.downgrade(tree, first, count).with(V3SetAccess.DONE, done));
    }

    @Clause(
            id = "BOUND-02",
            promise = "A revocation is of as many, and the same bounds hold.",
            source = "grant-v3.md, REVOKE-5 to REVOKE-7")
    void revocations(World world) {
        expectRange(
                world,
                (tree, first, count, done) ->
                        RevokeForms.revocation(tree, first, count).with(V3Revoke.DONE, done));
    }

    @Needs(granter = "translated")
    @Clause(
            id = "BOUND-03",
            promise = "A ring has up to sixteen pages of data, a power of two of them.",
            source = "grant-v3.md, RING-5")
    void rings(World world) {
        Party granter = world.granter();
        V3Call registration = RingForms.registration(granter);
        for (int wrong : new int[] {0, 3, MOST_RING_PAGES - 1, MOST_RING_PAGES + 1, 2 * MOST_RING_PAGES, -1}) {
            Expect.status(Status.BAD_SIZE, granter.call(registration.with(V3RingRegister.PAGES, wrong & 0xffff_ffffL)));
        }
        EventRing ring = EventRing.register(granter.kernel(), MOST_RING_PAGES, V3RingRegister.GRANTER, PORT);
        Expect.okay(granter.call(RingForms.removing(ring.id())));
    }

    @Clause(
            id = "BOUND-04",
            promise = "A reserve of 512 pages is looked at page by page, one of more is not looked at.",
            source = "grant-v3.md, FAULT-6")
    void reserves(World world) {
        Party grantee = world.grantee();
        V3Call call = V3Call.of(V3Form.GRANTEE_CTL)
                .with(V3Head.FLAGS, V3GranteeCtl.RESERVE_SET)
                .with(V3GranteeCtl.RESERVE_LIST_GFN, grantee.pageFrame(0));
        Expect.status(Status.BAD_PAGE, grantee.call(call.with(V3GranteeCtl.RESERVE_PAGES, MOST_RESERVE_PAGES)));
        Expect.status(Status.BAD_SIZE, grantee.call(call.with(V3GranteeCtl.RESERVE_PAGES, MOST_RESERVE_PAGES + 1)));
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "BOUND-05",
            promise =
                    "An element of v3_map has up to 2^18 pages: of so many the references are looked at, of more not.",
            source = "grant-v3.md, MAP-4")
    void elements(World world) {
        RawTree tree = tree(world);
        V3Call mapping = new TreeDriver(world.grantee()).mapping(tree.ref(0), 0).and(V3Map.ACCEPT_FAULT);
        Expect.status(Status.BAD_GNTREF, world.grantee().call(mapping.with(V3Map.COUNT, MOST_PAGES)));
        Expect.status(Status.BAD_SIZE, world.grantee().call(mapping.with(V3Map.COUNT, MOST_PAGES + 1)));
        Expect.status(Status.BAD_SIZE, world.grantee().call(mapping.with(V3Map.COUNT, 0)));
    }

    @Interruptible
    @Clause(
            id = "BOUND-06",
            promise =
                    "A synchronisation that comes to an entry which never rests says so, and how many pages it had done before.",
            source = "grant-v3.md, 7.6, PIN-6")
    void doneBefore(World world) {
        RawTree tree = tree(world);
        Party granter = world.granter();
        for (int n = 0; n < 6; n++) {
            tree.grant(n, n, 0);
        }
        V3Answer mapped = new TreeDriver(world.grantee()).hold(tree.ref(3), 0, V3Map.ACCEPT_FAULT);
        tree.put(3, tree.get(3) & ~V3Entry.MAPPED_R);
        V3Call call = tree.naming(V3Form.SYNC).with(V3Sync.FIRST, 0).with(V3Sync.COUNT, 6);
        V3Answer[] answer = new V3Answer[1];
        world.interruption()
                .throughout(() -> tree.put(3, tree.get(3) ^ V3Entry.NOTIFY), () -> answer[0] = granter.call(call));
        Expect.status(Status.UNSTABLE, answer[0]);
        Expect.equal("done", 3, answer[0].get(V3Sync.DONE));
        answer[0] = granter.call(call);
        Expect.okay(answer[0]);
        Expect.equal("done", 6, answer[0].get(V3Sync.DONE));
        Expect.bits("entry", V3Entry.MAPPED_R, V3Entry.MAPPED_R, tree.get(3));
        new TreeDriver(world.grantee()).letGo(mapped);
    }

    @Clause(
            id = "BOUND-07",
            promise = "A fate that is none is unsupported, whatever its number of one byte is.",
            source = "grant-v3.md, REVOKE-1")
    void fates(World world) {
        RawTree tree = tree(world);
        V3Call sound = RevokeForms.revocation(tree, 0, 1);
        Expect.okay(world.granter().call(sound));
        for (int fate = V3Revoke.CPU_SNAPSHOT + 1; fate <= MOST_FATE; fate++) {
            Expect.status(Status.UNSUPPORTED, world.granter().call(sound.with(V3Revoke.CPU_FATE, fate)));
        }
        for (int fate = V3Revoke.DEV_SINK_WO + 1; fate <= MOST_FATE; fate++) {
            Expect.status(Status.UNSUPPORTED, world.granter().call(sound.with(V3Revoke.DEV_FATE, fate)));
        }
    }
}
