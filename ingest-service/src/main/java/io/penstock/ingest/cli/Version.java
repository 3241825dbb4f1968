package io.penstock.ingest.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of this build, as the jar's manifest has it. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {"penstock " + (version == null ? "(not packaged)" : version)};
  }
}
