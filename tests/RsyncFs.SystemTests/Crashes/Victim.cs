namespace RsyncFs.SystemTests.Crashes;

/// <summary>Who is killed.</summary>
internal enum Victim
{
    Receiver,
    Sender,
    Both,
}
