package grantlab.conformance.script;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How results name frames: by the symbols of the script, never by a machine frame's number. */
final class FrameNames {
    /** Where HVM domains have their pages and slots: such numbers in a list of frames are gfns. */
    private static final long TRANSLATED_PAGES = 0x40010;

    private static final long TRANSLATED_SLOTS = 0x40080;

    /** Further ones are all printed with this number. */
    private static final int MAX_LISTED = 256;

    private final List<Context> contexts;
    private final List<Long> listed = new ArrayList<>();

    /** Names by these contexts, of which there are always as many, though they change. */
    FrameNames(List<Context> contexts) {
        this.contexts = contexts;
    }

    /** A frame number that a guest wrote, in an entry of a domain's table. */
    String ofEntry(long frame, Context granter) {
        if (granter.translated) {
            int page = granter.pageOfGuestFrame(frame);
            if (page >= 0) {
                return "d" + granter.domid + ".p" + page;
            }
            long slot = frame - granter.slotFrame(0);
            if (Long.compareUnsigned(slot, Context.PAGES) < 0) {
                return "d" + granter.domid + ".m" + slot;
            }
        }
        String name = ofPage(frame);
        return name == null ? Long.toHexString(frame) : name;
    }

    /** A machine frame. */
    String ofMachineFrame(long mfn) {
        String name = ofPage(mfn);
        return name == null ? "other" : name;
    }

    /** A frame of a list that setup_table or get_status_frames wrote: numbered by first appearance. */
    String ofListed(long frame) {
        if (frame == -1) {
            return "none";
        }
        if (frame == ArgumentPages.UNWRITTEN) {
            return "-";
        }
        if (frame >= TRANSLATED_SLOTS && frame < TRANSLATED_SLOTS + Context.PAGES) {
            return "m" + (frame - TRANSLATED_SLOTS);
        }
        if (frame >= TRANSLATED_PAGES && frame < TRANSLATED_PAGES + Context.PAGES) {
            return "p" + (frame - TRANSLATED_PAGES);
        }
        int number = listed.indexOf(frame);
        if (number < 0) {
            number = listed.size();
            if (number < MAX_LISTED) {
                listed.add(frame);
            }
        }
        return "g" + number;
    }

    private @Nullable String ofPage(long mfn) {
        for (Context context : contexts) {
            int page = context.used() ? context.pageOfMachineFrame(mfn) : -1;
            if (page >= 0) {
                return "d" + context.domid + ".p" + page;
            }
        }
        return null;
    }
}
