package grantlab.conformance.script;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GetVersion;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.QuerySize;
import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.TableFrames;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;

/**
 * The table of a domain as d0 sees it: it asks by hypercall what the table is, and looks at the words through a mapping
 * of the frame. Looking never grows a table. A frame of a dying domain can no longer be mapped, and is no longer seen.
 */
final class TableView {
    /** There is no such entry, or no way to it. */
    static final long NONE = -1;

    private static final int STATUS_WORDS_PER_FRAME = 2048;

    private final Machine machine;
    private final Context controlDomain;

    private long looks;

    TableView(Machine machine, Context controlDomain) {
        this.machine = machine;
        this.controlDomain = controlDomain;
    }

    /** The version in force, or 0 when nobody answers. */
    int version(Context granter) {
        ArgumentStruct question = ArgumentStruct.ofSize(GetVersion.SIZE);
        question.set16(GetVersion.DOM, name(granter));
        return ask(GnttabOp.GET_VERSION, question) == 0
                ? answer(GetVersion.SIZE).get32(GetVersion.VERSION)
                : 0;
    }

    /** How many shared frames there are, or -1 when nobody answers. */
    int frames(Context granter) {
        ArgumentStruct question = ArgumentStruct.ofSize(QuerySize.SIZE);
        question.set16(QuerySize.DOM, name(granter));
        if (ask(GnttabOp.QUERY_SIZE, question) != 0) {
            return -1;
        }
        ArgumentStruct answer = answer(QuerySize.SIZE);
        return answer.get16(QuerySize.STATUS) == Status.OKAY ? answer.get32(QuerySize.NR_FRAMES) : -1;
    }

    /**
     * Where an entry is.
     *
     * @param granter whose table
     * @param codec how large entries are
     * @param ref a reference
     * @param result is told when the frame exists and cannot be mapped
     * @return its machine address, or {@link #NONE}
     */
    long entry(Context granter, EntryCodec codec, long ref, Result result) {
        long frame = Long.divideUnsigned(ref, Page.SIZE / codec.bytes());
        if (Long.compareUnsigned(frame, TableWindow.FRAMES) >= 0) {
            return NONE;
        }
        int index = (int) frame;
        if (!granter.window.isOpen(index) && index >= frames(granter)) {
            return NONE;
        }
        Domain domain = machine.domain(granter.domid);
        if (domain == null || !map(granter, domain, index)) {
            result.append(" #map rc=" + -Errno.EBUSY + " ");
            return NONE;
        }
        return codec.address(domain.tableFrames(), ref);
    }

    private boolean map(Context granter, Domain domain, int index) {
        return granter.window.isOpen(index)
                || (!domain.dying()
                        && granter.window.open(
                                index, domain.tableFrames().sharedFrame(index), granter.domid, machine.frames()));
    }

    /**
     * A status frame.
     *
     * @param granter whose table
     * @param index 0, 1, ...
     * @return its machine frame, or a negative number: why it cannot be seen
     */
    long statusFrame(Context granter, long index) {
        Domain domain = machine.domain(granter.domid);
        if (domain == null) {
            return -Errno.ESRCH;
        }
        if (domain.dying()) {
            return -Errno.EBUSY;
        }
        TableFrames frames = domain.tableFrames();
        return Long.compareUnsigned(index, frames.statusCount()) < 0
                ? frames.statusFrame((int) index)
                : Status.GENERAL_ERROR;
    }

    /** Where a status word is; {@link #NONE} when its frame cannot be seen. */
    long statusWord(Context granter, long ref) {
        long frame = statusFrame(granter, ref / STATUS_WORDS_PER_FRAME);
        return frame < 0 ? NONE : Page.address(frame) + ref % STATUS_WORDS_PER_FRAME * Short.BYTES;
    }

    /** Hypercalls by which d0 found out where entries are: the script asked for none of them. */
    long looks() {
        return looks;
    }

    private int name(Context granter) {
        return granter.domid == controlDomain.domid ? Domid.SELF : granter.domid;
    }

    private long ask(int command, ArgumentStruct question) {
        if (controlDomain.dead()) {
            return Vcpu.CRASHED;
        }
        ArgumentPages arguments = controlDomain.arguments();
        arguments.write(question);
        looks++;
        return controlDomain.hypercall(Hypercall.GRANT_TABLE_OP, command, arguments.address(), 1);
    }

    private ArgumentStruct answer(int size) {
        return controlDomain.arguments().read(size);
    }
}
