/** What is said on the topics of services: who is in them, and who has what. */
package org.veilor.seed.node.announce;
