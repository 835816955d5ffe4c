package grantlab.conformance.clause;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import java.util.ArrayList;
import java.util.List;

/** The books of some guests at a moment: what grants may borrow, and must give back. */
final class Ledger {
    /** One page as the machine keeps it. */
    private record Line(String name, long frame, long references, int type, long uses) {}

    private final World world;
    private final FrameTable frames;
    private final List<Party> parties;
    private final List<Line> lines;
    private final List<Long> pages;

    private Ledger(World world, List<Party> parties) {
        this.world = world;
        this.frames = world.machine().frames();
        this.parties = parties;
        this.lines = lines();
        this.pages = pages();
    }

    /**
     * Now.
     *
     * @param world of them
     * @param parties whose books
     */
    static Ledger of(World world, Party... parties) {
        // A format may hold a page for its table: that is no loan.
        world.table();
        return beforeAnyTable(world, parties);
    }

    /**
     * Now, where no guest looks at a table of its own: it may change its version then.
     *
     * @param world of them
     * @param parties whose books
     */
    static Ledger beforeAnyTable(World world, Party... parties) {
        return new Ledger(world, List.of(parties));
    }

    private List<Line> lines() {
        world.machine().dropCaches();
        List<Line> now = new ArrayList<>();
        for (Party party : parties) {
            for (int n = 0; n < Party.PAGES; n++) {
                long frame = party.machineFrame(n);
                if (frame >= 0) {
                    now.add(new Line(
                            "p" + n + " of " + party,
                            frame,
                            frames.references(frame),
                            frames.type(frame),
                            frames.typeUses(frame)));
                }
            }
        }
        return now;
    }

    private List<Long> pages() {
        return parties.stream().map(party -> frames.pages(party.domid())).toList();
    }

    /** Every page is where it was, with the references and the type that it had. */
    void check() {
        List<Line> now = lines();
        Expect.equal("pages in the physical maps", lines.size(), now.size());
        for (int n = 0; n < lines.size(); n++) {
            Expect.equal("the books", lines.get(n), now.get(n));
        }
        Expect.equal("pages of each domain", pages, pages());
    }

    /** References of a page when the ledger was opened. */
    long references(Party party, int n) {
        long frame = party.machineFrame(n);
        return lines.stream()
                .filter(line -> line.frame() == frame)
                .findFirst()
                .map(Line::references)
                .orElseThrow(() -> new IllegalStateException(
                        "no page of the ledger at machine address 0x" + Long.toHexString(Page.address(frame))));
    }
}
