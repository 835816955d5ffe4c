package grantlab.conformance.fuzz.audit;

import grantlab.conformance.script.Interpreter;
import grantlab.conformance.script.Line;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.invariant.InvariantBroken;
import java.util.List;

/**
 * All that must be true of the machine of a script, after each of its operations:
 *
 * <ul>
 *   <li>the pins of a reference are the live parts of its mappings, by class; copies leave none; a handle that Xen leaves
 *       stuck counts as a handle (the engine's own {@link Machine#checkInvariants});
 *   <li>references and type uses of a frame are the places that hold it, the parts of mappings that stand in no place, and
 *       the allocation ({@link FrameAudit});
 *   <li>the marks in an entry are what its pins ask for, where no guest wrote them, and nothing else is written
 *       ({@link MarkAudit});
 *   <li>the same of leaves of trees, and that who uses one may ({@link LeafAudit}), and tells by which handle he stops
 *       ({@link HandleAudit});
 *   <li>when all domains are gone, no frame is anybody's.
 * </ul>
 *
 * One thread.
 */
public final class Audit {
    /** All frames of all domains are looked at after so many operations. */
    private static final int ALL_EVERY = 512;

    private final Interpreter interpreter;
    private final Machine machine;
    private final FrameAudit frames;
    private final MarkAudit marks;
    private final LeafAudit leaves;
    private final HandleAudit handles;
    private int operations;

    /**
     * Over the machine of a script that was not yet run.
     *
     * @param interpreter of the script
     */
    public Audit(Interpreter interpreter) {
        this.interpreter = interpreter;
        this.machine = interpreter.machine();
        this.frames = new FrameAudit(machine, interpreter::referencesHeld);
        this.marks = new MarkAudit(machine, interpreter::names);
        this.leaves = new LeafAudit(machine, interpreter::value);
        this.handles = new HandleAudit(machine, interpreter::value);
        interpreter.namedFrames(frames::watch);
    }

    /**
     * Checks after an operation.
     *
     * @param executed its line, or the lines of its batch
     * @param answers what they answered
     * @throws Finding when something that must be true is not
     */
    public void after(List<Line> executed, List<String> answers) {
        checkPins();
        if (++operations % ALL_EVERY == 0) {
            frames.checkAll();
        } else {
            frames.check();
        }
        marks.check(executed);
        boolean succeeded = answers.stream().anyMatch(answer -> answer.contains(" status=0"));
        leaves.check(executed, interpreter.wentBeyondLines(), succeeded);
        handles.check(executed, answers);
    }

    private void checkPins() {
        try {
            machine.checkInvariants();
        } catch (InvariantBroken e) {
            throw new Finding(
                    Finding.PINS,
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    /**
     * Checks everything.
     *
     * @throws Finding when something that must be true is not
     */
    public void all() {
        frames.checkAll();
    }

    /**
     * Checks everything, destroys what is left, and checks that nothing is left.
     *
     * @throws Finding when something that must be true is not
     */
    public void atTheEnd() {
        all();
        interpreter.letGo();
        for (Domain domain : machine.domains()) {
            machine.destroyDomain(domain.domid());
        }
        machine.checkInvariants();
        frames.checkNothingLeft();
    }
}
