package grantlab.conformance;

import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import java.util.List;

/** Who may stand in a further place of a combination ({@link Member#further}), and beside whom. */
interface Axis {
    /** One for each further place, in the order of {@link Member}. */
    List<Axis> ALL = List.of(new TransportAxis(), new IommuAxis(), new QueueAxis(), new SearchAxis());

    /** In a list of names: the place is left empty. */
    String NOBODY = "none";

    /**
     * The place.
     *
     * @return a further one
     */
    Member place();

    /**
     * Names that are chosen where nobody chooses.
     *
     * @param installed what there is
     * @return none, where nothing of this sort is installed
     */
    List<String> usual(Installed installed);

    /**
     * Who a name may stand for.
     *
     * @param installed what there is
     * @param name from a command line
     * @return one, or of an alias several
     * @throws ConfigurationException when there is none; the message lists those that exist
     */
    List<Choice> named(Installed installed, String name);

    /**
     * Whether somebody can stand there.
     *
     * @param choice who
     * @param beside whom
     * @return false: there is no such combination
     */
    boolean fits(Choice choice, Combination beside);

    /**
     * The rule by which somebody fits.
     *
     * @param choice who
     * @return words that complete "it is for ..."
     */
    String rule(Choice choice);

    /**
     * Whether the usual names are chosen here where nobody chooses.
     *
     * @param installed what there is
     * @param combination any
     * @return false: what would be shown is shown beside another combination
     */
    boolean usualBeside(Installed installed, Combination combination);
}
