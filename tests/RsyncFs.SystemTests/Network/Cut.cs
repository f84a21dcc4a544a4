namespace RsyncFs.SystemTests.Network;

/// <summary>How a link ends to be one.</summary>
public enum Cut
{
    /// <summary>The cable is pulled.</summary>
    LinkDown,

    /// <summary>Nothing comes to the receiver any more; what it sends still arrives.</summary>
    ToReceiver,

    /// <summary>Nothing comes to the sender any more.</summary>
    ToSender,
}
