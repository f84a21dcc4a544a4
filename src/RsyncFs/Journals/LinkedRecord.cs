using RsyncFs.Blocks;

namespace RsyncFs.Journals;

/// <summary>A record of a journal as it was read.</summary>
/// <param name="Record">The record.</param>
/// <param name="Link">The checksum that the record before it must have.</param>
/// <param name="Checksum">Its own.</param>
internal readonly record struct LinkedRecord(JournalRecord Record, Digest Link, Digest Checksum);
