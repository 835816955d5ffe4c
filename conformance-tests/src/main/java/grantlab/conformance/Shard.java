package grantlab.conformance;

import grantlab.hypervisor.ConfigurationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a matrix: of all cells, clause by clause and within a clause combination by combination, every n-th. Each cell is in exactly
 * one of the parts, whoever runs them and wherever.
 *
 * @param number which part, from 1
 * @param of how many
 */
public record Shard(int number, int of) {
    /** Everything. */
    public static final Shard WHOLE = new Shard(1, 1);

    private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,4})/([1-9][0-9]{0,4})");

    /** Checks it. */
    public Shard {
        if (number < 1 || number > of) {
            throw new ConfigurationException(
                    "the shard " + number + "/" + of + " is none of 1/" + of + " to " + of + "/" + of);
        }
    }

    /**
     * As the command line names it.
     *
     * @param text {@code 2/5}: the second of five
     * @return the part
     * @throws ConfigurationException when it is none
     */
    public static Shard of(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new ConfigurationException("'" + text + "' is no shard; 2/5 is the second of five");
        }
        return new Shard(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /**
     * As the command line names it.
     *
     * @return {@code 2/5}
     */
    public String name() {
        return number + "/" + of;
    }

    /**
     * Whether nothing is left to others.
     *
     * @return true for 1/1
     */
    public boolean isWhole() {
        return of == 1;
    }

    /** Whether a cell is in it, by its number in the matrix. */
    boolean has(int cell) {
        return cell % of == number - 1;
    }

    /** How many cells of so many it has. */
    int size(int cells) {
        return cells / of + (number <= cells % of ? 1 : 0);
    }
}
