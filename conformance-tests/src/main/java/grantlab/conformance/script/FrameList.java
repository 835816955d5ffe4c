package grantlab.conformance.script;

import java.util.StringJoiner;

/** The list of frames that setup_table and get_status_frames write. */
final class FrameList {
    private FrameList() {}

    /** Where the call shall write: the address {@code list=}, or a list among the domain's argument pages. */
    static long prepare(Operation operation, int element) {
        ArgumentPages arguments = operation.executor.arguments();
        arguments.clearList(element);
        return operation.operands.address("list", arguments.listAddress(element));
    }

    /** Prints the frames in the domain's argument pages, as many as were asked for. */
    static void print(Operation operation, int element, int frames) {
        if (frames == 0) {
            operation.result.word("list=()");
            return;
        }
        StringJoiner names = new StringJoiner(",");
        for (int entry = 0; entry < ArgumentPages.LIST_ENTRIES && Integer.compareUnsigned(entry, frames) < 0; entry++) {
            long frame = operation.executor.arguments().listEntry(element, entry);
            names.add(operation.world.frameNames().ofListed(frame));
        }
        operation.result.word("list=" + names);
    }
}
