global using Weft.Fabric.Execution;
