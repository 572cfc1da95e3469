package org.veilor.seed.node.config;

import org.veilor.seed.gossip.catalogue.Names;

/** What a service is, and so which of its files are looked at. */
public enum Preset {
  /** Any folder of pictures, sound, video, PDF, fonts and archives. */
  MEDIA,
  /** A download mirror: as {@link #MEDIA}, and packages, disk images and checksum files. */
  DOWNLOADS,
  /** The flat folder of Misskey and its forks: thumbnails and web-public versions only. */
  MISSKEY;

  /** Whether the catalogue shows paths where the configuration does not say: mirrors want it. */
  public Names names() {
    return this == DOWNLOADS ? Names.CLEAR : Names.HIDDEN;
  }
}
