package grantlab.conformance.clause;

import static grantlab.conformance.clause.FlatReferences.MARKS;
import static grantlab.conformance.clause.FlatReferences.REF;
import static grantlab.conformance.clause.FlatReferences.agree;
import static grantlab.conformance.clause.FlatReferences.asking;
import static grantlab.conformance.clause.FlatReferences.expectEntry;
import static grantlab.conformance.clause.FlatReferences.expectTaken;
import static grantlab.conformance.clause.FlatReferences.map;
import static grantlab.conformance.clause.FlatReferences.revocation;
import static grantlab.conformance.clause.FlatReferences.unmap;
import static grantlab.conformance.clause.RevokeForms.expectPrivate;

import grantlab.api.Status;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Gate;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What others do while references of the flat table are being taken back, before each look of that call at the granter's memory. */
@Interruptible
@Needs(format = "layout-tree")
final class FlatMeetings {
    private static final int STRUCTS = 30;
    private static final int ARRAYS = 31;

    /** Behind the one that is just being closed. */
    private static final int NEXT = REF + 1;

    private static final String SOURCE = "grant-v3.md, 8.2, Slot 0; REVOKE-12, REVOKE-21";

    /** The second CPU of the granter, as one that calls grants v3. */
    private static V3Gate secondCpu(World world, Party granter) {
        return new V3Gate(
                Rebuilt.secondCpu(world, granter),
                granter.area(granter.page(STRUCTS)),
                granter.area(granter.page(ARRAYS)));
    }

    /**
     * What came of both.
     *
     * @param came whether the revocation has that many looks; if not, nobody else made a call
     * @param revoked what the granter's first CPU was answered
     * @param late what the other was answered, if it came
     */
    private record Met(
            boolean came, V3Answer revoked, @Nullable V3Answer late) {
        V3Answer other() {
            return Objects.requireNonNull(late);
        }
    }

    /** Both references are taken back by the granter's first CPU, before one look of which somebody else makes a call. */
    private static Met meet(World world, int moment, Duration patience, Supplier<V3Answer> other) {
        AtomicReference<V3Answer> revoked = new AtomicReference<>();
        AtomicReference<@Nullable V3Answer> answered = new AtomicReference<>();
        Meeting meeting = new Meeting();
        boolean came = world.interruption()
                .before(
                        moment,
                        () -> meeting.begins(() -> answered.set(other.get()), patience),
                        () -> revoked.set(world.granter().call(revocation(REF, 2))));
        meeting.join();
        return new Met(came, revoked.get(), answered.get());
    }

    @Clause(
            id = "FLAT-47",
            promise =
                    "Who takes back what another CPU is just taking back is told so, and by which revocation, and nothing is done twice.",
            source = SOURCE)
    void takenBackTwice(World world) {
        Party granter = Rebuilt.granter(world, config -> config.withVcpus(2));
        V3Gate other = secondCpu(world, granter);
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.use(world, 1);
        Meeting.expectOnce("once at least it was in the way", patience -> timesTakenTwice(world, other, patience));
    }

    private static int timesTakenTwice(World world, V3Gate other, Duration patience) {
        boolean came = true;
        int busy = 0;
        for (int moment = 0; came; moment++) {
            Mapped[] mapped = granted(world);
            Met met = meet(world, moment, patience, () -> other.call(revocation(NEXT, 1)));
            came = met.came();
            if (came) {
                // The other may have begun before: the call's own struct is the granter's memory too.
                busy += isInTheWay(met.revoked(), met.other()) ? 1 : 0;
                long taken = met.other().get(V3Revoke.UNMAPPED) + met.revoked().get(V3Revoke.UNMAPPED);
                if (isInTheWay(met.other(), met.revoked())) {
                    Expect.equal("mappings removed", 1, taken);
                    expectTaken(world, revocation(REF, 2), 1);
                } else {
                    Expect.okay(met.revoked());
                    Expect.equal("mappings removed", 2, taken);
                }
            }
            acknowledge(world, mapped);
        }
        return busy;
    }

    @Clause(
            id = "FLAT-49",
            promise =
                    "Who asks for what another CPU is just taking back is told so, or that CPU takes what was asked for: all is taken once.",
            source = SOURCE + "; REVOKE-22")
    void askedFor(World world) {
        Party granter = Rebuilt.granter(world, config -> config.withVcpus(2));
        V3Gate other = secondCpu(world, granter);
        agree(world.grantee());
        FlatVersions.use(world, 1);
        Meeting.expectOnce("once at least it was in the way", patience -> timesAskedFor(world, other, patience));
    }

    private static int timesAskedFor(World world, V3Gate other, Duration patience) {
        boolean came = true;
        int busy = 0;
        for (int moment = 0; came; moment++) {
            Mapped[] mapped = granted(world);
            Met met = meet(world, moment, patience, () -> other.call(asking(NEXT, 1)));
            came = met.came();
            busy += came && isInTheWay(met.revoked(), met.other()) ? 1 : 0;
            Expect.okay(met.revoked());
            Expect.equal("mappings removed", 2, met.revoked().get(V3Revoke.UNMAPPED));
            acknowledge(world, mapped);
        }
        return busy;
    }

    /** Whether one call was refused for the sake of another, which it names. */
    private static boolean isInTheWay(V3Answer goesOn, V3Answer refused) {
        if (refused.isOkay()) {
            return false;
        }
        Expect.status(Status.BUSY, refused);
        Expect.okay(goesOn);
        Expect.different("name of a revocation", 0L, goesOn.get(V3Revoke.REVOKE_ID));
        Expect.equal("in the way", goesOn.get(V3Revoke.REVOKE_ID), refused.get(V3Revoke.REVOKE_ID));
        return true;
    }

    @Clause(
            id = "FLAT-48",
            promise =
                    "Who maps a reference and agrees to nothing before it is closed keeps it: the call ends there, says so and how far it came,"
                            + " and what lies before is taken.",
            source = SOURCE)
    void comesMeanwhile(World world) {
        agree(world.grantee());
        FlatVersions.use(world, 1);
        Meeting.expectOnce("once at least somebody came meanwhile", patience -> timesMapped(world, patience));
    }

    private static int timesMapped(World world, Duration patience) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        boolean came = true;
        int kept = 0;
        for (int moment = 0; came; moment++) {
            Mapped[] mapped = granted(world);
            Met met = meet(world, moment, patience, () -> driver.map(NEXT, 2, V3Map.WRITE));
            came = met.came();
            V3Answer answer = met.revoked();
            if (came && met.other().isOkay()) {
                Expect.status(Status.NOT_REVOCABLE, answer);
                long done = answer.get(V3Revoke.DONE);
                Expect.equal("mappings removed", done, answer.get(V3Revoke.UNMAPPED));
                kept += (int) done;
                grantee.store(grantee.slot(2), moment);
                Sight.value(grantee, grantee.slot(1), moment);
                driver.letGo(met.other());
                expectTaken(world, revocation(REF + done, 2 - done), (int) (2 - done));
            } else {
                Expect.okay(answer);
                Expect.equal("mappings removed", 2, answer.get(V3Revoke.UNMAPPED));
            }
            acknowledge(world, mapped);
        }
        return kept;
    }

    private static Mapped[] granted(World world) {
        FlatVersions.grant(world, 1, REF, 0, 0);
        FlatVersions.grant(world, 1, NEXT, 1, 0);
        return new Mapped[] {map(world.grantee(), REF, 0), map(world.grantee(), NEXT, 1)};
    }

    /** Both are taken, and let go of. */
    private static void acknowledge(World world, Mapped[] mapped) {
        expectPrivate(world, 0, 1);
        for (int n = 0; n < mapped.length; n++) {
            expectEntry(world, REF + n, MARKS);
            unmap(world.grantee(), mapped[n], n);
            expectEntry(world, REF + n, 0);
        }
        world.machine().checkInvariants();
    }
}
