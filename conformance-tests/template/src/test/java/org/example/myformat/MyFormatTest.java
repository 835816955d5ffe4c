package org.example.myformat;

import grantlab.conformance.Selection;
import grantlab.conformance.junit.ConformanceSuite;

/** All that Grantlab promises of a format with these capabilities, in every paging mode. */
class MyFormatTest implements ConformanceSuite {
    @Override
    public Selection selection() {
        return Selection.formats("my-format");
    }
}
