namespace RsyncFs.SystemTests.Crashes;

/// <summary>Who is killed.</summary>
public enum Victim
{
    Receiver,
    Sender,
    Both,
}
