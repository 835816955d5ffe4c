package grantlab.hypervisor.table;

import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.FlatTable;
import grantlab.hypervisor.mapping.Grants;

/**
 * What set_version decided last. Published as one: whoever sees it sees a format and a table that belong together.
 *
 * @param format the format
 * @param table its view of the frames
 * @param grants the table with its private records
 */
public record InForce(FlatFormat format, FlatTable table, Grants grants) {}
