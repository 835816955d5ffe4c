package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Unmap;
import grantlab.api.guest.Vcpu;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Gate;
import java.util.BitSet;

/** A CPU of the grantee of a siege that maps runs of leaves, as far as they are granted, and unmaps them by parts. */
final class RunGrabber extends Siege.Besieger {
    /** A set of at most so many is kept in another way. */
    private static final int LISTED = 16;

    /** One of so many runs writes. */
    private static final int WRITERS = 4;

    private static final int FLAGS = V3Map.ACCEPT_FAULT | V3Map.ACCEPT_DOWNGRADE;

    private final Party grantee;
    private final Grants grants;
    private final Vcpu vcpu;
    private final V3Gate gate;
    private final TreeDriver driver;

    /** Of the run, which pages were mapped and not unmapped; whoever took one back leaves it to be acknowledged. */
    private final BitSet held = new BitSet();

    private long handle;

    RunGrabber(World world, Grants grants, long seed) {
        super(seed);
        this.grantee = world.grantee();
        this.grants = grants;
        this.vcpu = grantee.vcpu();
        this.gate = grantee.gate();
        this.driver = new TreeDriver(grantee);
    }

    @Override
    boolean turn() {
        if (held.isEmpty()) {
            map();
        } else if (random.nextInt(3) == 0) {
            look(random.nextInt(Siege.INDICES));
        } else {
            unmap();
        }
        return true;
    }

    @Override
    boolean cleanUp() {
        boolean clean = held.isEmpty();
        if (!clean) {
            unmap();
        }
        return clean;
    }

    private void map() {
        int first = random.nextInt(Siege.INDICES - LISTED);
        int count = LISTED + 1 + random.nextInt(Siege.INDICES - LISTED - first);
        V3Call call = driver.mapping(grants.ref(first), 0);
        // Of pages that devices reach too each goes by itself; a run that writes ends at the first leaf that does not
        // let it.
        long flags = (call.get(V3Map.FLAGS) & ~V3Map.DEVICE) | FLAGS | (random.nextInt(WRITERS) == 0 ? V3Map.WRITE : 0);
        V3Answer answer = gate.call(call.with(V3Map.FLAGS, flags).with(V3Map.COUNT, count));
        if (!Grabber.REFUSALS.contains(answer.status())) {
            Expect.okay(answer);
        }
        int done = (int) answer.get(V3Map.DONE);
        handle = answer.get(V3Map.HANDLE);
        held.set(0, done);
    }

    /** Some pages that are beside one another; a revocation may be at one of them. */
    private void unmap() {
        int from = held.nextSetBit(random.nextInt(held.length()));
        int to = held.nextClearBit(from);
        int count = random.nextBoolean() ? to - from : 1 + random.nextInt(to - from);
        V3Answer answer = gate.call(TreeDriver.unmapping(handle, from, count));
        int done = (int) answer.get(V3Unmap.DONE);
        if (answer.status() != Status.EAGAIN) {
            Expect.okay(answer);
            Expect.equal("pages", count, done);
        }
        held.clear(from, from + done);
    }

    private void look(int slot) {
        if (vcpu.load(grantee.slot(slot), Long.BYTES) == 0) {
            Words.expectNotSecret("a CPU of the grantee, in its run", vcpu.value());
        }
    }
}
