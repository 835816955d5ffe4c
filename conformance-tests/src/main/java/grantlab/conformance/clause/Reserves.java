package grantlab.conformance.clause;

import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.api.memory.Page;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** Pages of a grantee that it keeps ready to stand in for what is taken from it. */
final class Reserves {
    private Reserves() {}

    /** Pages of the guest's kernel that nothing else is done with. */
    static long[] pages(Party party, int count) {
        long[] pages = new long[count];
        for (int n = 0; n < count; n++) {
            pages[n] = party.kernel().allocatePages(Page.ORDER_4K);
        }
        return pages;
    }

    /** The machine frame of such a page. */
    static long machineFrame(Party party, long page) {
        return party.domain().physicalMap().machineFrame(party.kernel().frameOf(page));
    }

    /** What makes frames the reserve, by their numbers. */
    static V3Call reserving(Party party, long... frames) {
        long list = party.kernel().allocatePages(Page.ORDER_4K);
        for (int n = 0; n < frames.length; n++) {
            party.store(list + (long) n * Long.BYTES, frames[n]);
        }
        return V3Call.of(V3Form.GRANTEE_CTL)
                .with(V3Head.FLAGS, V3GranteeCtl.RESERVE_SET)
                .with(V3GranteeCtl.RESERVE_LIST_GFN, party.kernel().frameOf(list))
                .with(V3GranteeCtl.RESERVE_PAGES, frames.length);
    }

    /** Makes fresh pages the reserve, and that must work. @return their guest addresses */
    static long[] reserve(Party party, int count) {
        long[] pages = pages(party, count);
        long[] frames = new long[count];
        for (int n = 0; n < count; n++) {
            frames[n] = party.kernel().frameOf(pages[n]);
        }
        Expect.okay(party.call(reserving(party, frames)));
        return pages;
    }

    /** There is no reserve any more, and that must work: none of its pages was promised to a mapping. */
    static void expectUnneeded(Party party) {
        Expect.okay(party.call(V3Call.of(V3Form.GRANTEE_CTL).with(V3Head.FLAGS, V3GranteeCtl.RESERVE_SET)));
    }
}
