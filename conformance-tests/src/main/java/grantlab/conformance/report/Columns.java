package grantlab.conformance.report;

import java.util.ArrayList;
import java.util.List;

/** Plain text in a column, within the width of a terminal. */
final class Columns {
    static final int WIDTH = 100;

    private Columns() {}

    /**
     * Breaks at blanks; continuation lines stand under the text.
     *
     * @param head what stands before the text, in the first line only
     * @param text any
     * @return lines without their ends
     */
    static List<String> hanging(String head, String text) {
        List<String> lines = new ArrayList<>();
        String line = head;
        boolean fresh = true;
        for (String word : text.split(" ", -1)) {
            if (!fresh && line.length() + 1 + word.length() > WIDTH) {
                lines.add(line);
                line = " ".repeat(head.length());
                fresh = true;
            }
            line += (fresh ? "" : " ") + word;
            fresh = false;
        }
        lines.add(line.stripTrailing());
        return lines;
    }

    static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
