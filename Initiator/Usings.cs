global using Weft.Fabric.Connections;
global using Weft.Fabric.Execution;
global using Weft.Fabric.Verbs;
global using Weft.Protocol.Scsi;
global using IscsiEvent = Weft.Protocol.Iscsi.AsyncEvent;
global using Timer = Weft.Fabric.Execution.Timer;
