package org.example.handles;

import grantlab.conformance.Selection;
import grantlab.conformance.junit.ConformanceSuite;

/** All that Grantlab promises of a format with these capabilities, in every paging mode. */
class MemoryHandlesTest implements ConformanceSuite {
    @Override
    public Selection selection() {
        return Selection.formats("memory-handles");
    }
}
